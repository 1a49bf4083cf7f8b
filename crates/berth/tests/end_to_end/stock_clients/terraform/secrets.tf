# A database's password, who may read it and what rotates it, as somebody would write it (secrets.rs).

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

# The endpoint, the region and the key are in the environment, as `berth env` exports them.
provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "password" {
  type = string
}

variable "description" {
  type = string
}

resource "aws_kms_key" "shop" {
  description             = "the shop's"
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "shop" {
  name          = "alias/shop"
  target_key_id = aws_kms_key.shop.key_id
}

resource "aws_ssm_parameter" "host" {
  name        = "/shop/host"
  description = var.description
  type        = "String"
  value       = "db.example"
  tags        = { team = "web" }
}

resource "aws_ssm_parameter" "password" {
  name   = "/shop/password"
  type   = "SecureString"
  key_id = aws_kms_alias.shop.name
  value  = "hunter2-parameter"
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "prod/db"
  description             = var.description
  kms_key_id              = aws_kms_key.shop.arn
  recovery_window_in_days = 0
  tags                    = { team = "web" }
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ user = "shop", password = var.password })
}

data "aws_iam_policy_document" "db" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::000000000000:root"]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "db" {
  secret_arn          = aws_secretsmanager_secret.db.arn
  policy              = data.aws_iam_policy_document.db.json
  block_public_policy = true
}

resource "aws_ecs_task_definition" "rotator" {
  family                = "rotator"
  container_definitions = jsonencode([{ name = "main", image = "rotator", memory = 64 }])
}

resource "aws_secretsmanager_secret_rotation" "db" {
  secret_id           = aws_secretsmanager_secret_version.db.secret_id
  rotation_lambda_arn = aws_ecs_task_definition.rotator.arn

  rotation_rules {
    schedule_expression = "rate(30 days)"
    duration            = "3h"
  }
}

data "aws_secretsmanager_secret_version" "db" {
  secret_id  = aws_secretsmanager_secret.db.id
  depends_on = [aws_secretsmanager_secret_version.db]
}

output "read" {
  value     = jsondecode(data.aws_secretsmanager_secret_version.db.secret_string).password == var.password
  sensitive = true
}
