# A service and a daemon, as somebody would write them (terraform.rs).

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

variable "tasks" {
  type = number
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    { name = "main", image = "any", memory = 16, essential = true },
  ])
}

resource "aws_ecs_service" "web" {
  name                  = "web"
  cluster               = "default"
  task_definition       = aws_ecs_task_definition.web.arn
  desired_count         = var.tasks
  wait_for_steady_state = true
  propagate_tags        = "SERVICE"
  tags                  = { team = "a" }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  ordered_placement_strategy {
    type  = "spread"
    field = "attribute:ecs.availability-zone"
  }

  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.os-type == linux"
  }
}

resource "aws_ecs_service" "daemon" {
  name                = "daemon"
  cluster             = "default"
  task_definition     = aws_ecs_task_definition.web.arn
  scheduling_strategy = "DAEMON"
}
