# HTTPS with two certificates of ACM's, one imported and one requested (certificates.rs).

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

variable "port" {
  type = number
}

data "aws_subnets" "all" {
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

resource "aws_acm_certificate" "imported" {
  certificate_body  = file("imported.pem")
  private_key       = file("imported.key")
  certificate_chain = file("imported-ca.pem")
  tags              = { team = "shop" }
}

resource "aws_acm_certificate" "issued" {
  domain_name               = "shop.example.com"
  subject_alternative_names = ["*.shop.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
  tags                      = { team = "shop" }

  lifecycle {
    create_before_destroy = true
  }
}

# Its records would be those of domain_validation_options; there is nobody to ask for them.
resource "aws_acm_certificate_validation" "issued" {
  certificate_arn = aws_acm_certificate.issued.arn
}

resource "aws_lb" "web" {
  name    = "web"
  subnets = data.aws_subnets.all.ids
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = var.port
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.issued.certificate_arn

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "here"
      status_code  = "200"
    }
  }
}

resource "aws_lb_listener_certificate" "imported" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.imported.arn
}

data "aws_acm_certificate" "issued" {
  domain   = "shop.example.com"
  statuses = ["ISSUED"]

  depends_on = [aws_acm_certificate_validation.issued]
}

output "certificate" {
  value = data.aws_acm_certificate.issued.arn
}
