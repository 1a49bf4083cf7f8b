# An application and a network load balancer, as somebody would write them (balancing.rs).

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

variable "weight" {
  type = number
}

data "aws_vpc" "default" {
  default = true
}

data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_subnets" "two" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
  filter {
    name   = "availability-zone"
    values = slice(data.aws_availability_zones.here.names, 0, 2)
  }
}

data "aws_security_group" "default" {
  vpc_id = data.aws_vpc.default.id
  name   = "default"
}

locals {
  vpc     = data.aws_vpc.default.id
  subnets = data.aws_subnets.two.ids
}

resource "aws_lb" "web" {
  name               = "web"
  load_balancer_type = "application"
  security_groups    = [data.aws_security_group.default.id]
  subnets            = local.subnets
  idle_timeout       = 30
  tags               = { team = "shop" }
}

resource "aws_lb_target_group" "blue" {
  name                 = "blue"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = local.vpc
  deregistration_delay = 0
  health_check {
    path    = "/health"
    matcher = "200-299"
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 60
  }
}

resource "aws_lb_target_group" "green" {
  name     = "green"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = local.vpc
}

resource "aws_lb_target_group_attachment" "one" {
  target_group_arn  = aws_lb_target_group.blue.arn
  target_id         = "10.0.0.1"
  port              = 9000
  availability_zone = "all"
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = var.weight
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 100 - var.weight
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

resource "aws_lb_listener_rule" "moved" {
  listener_arn = aws_lb_listener.web.arn
  priority     = 10
  condition {
    path_pattern { values = ["/old/*"] }
  }
  condition {
    query_string {
      key   = "v"
      value = "1"
    }
  }
  action {
    type = "redirect"
    redirect {
      status_code = "HTTP_301"
      path        = "/new/#{path}"
    }
  }
}

resource "aws_lb_listener_rule" "maintenance" {
  listener_arn = aws_lb_listener.web.arn
  priority     = 20
  condition {
    host_header { values = ["down.example.com"] }
  }
  condition {
    http_header {
      http_header_name = "X-Kind"
      values           = ["a*", "b"]
    }
  }
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "later"
      status_code  = "503"
    }
  }
}

resource "aws_lb" "flows" {
  name                             = "flows"
  internal                         = true
  load_balancer_type               = "network"
  subnets                          = [local.subnets[0]]
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "flows" {
  name        = "flows"
  port        = 53
  protocol    = "TCP_UDP"
  target_type = "ip"
  vpc_id      = local.vpc
}

resource "aws_lb_listener" "flows" {
  load_balancer_arn = aws_lb.flows.arn
  port              = 53
  protocol          = "TCP_UDP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.flows.arn
  }
}

data "aws_lb" "web" {
  arn = aws_lb.web.arn
}

output "dns_name" {
  value = data.aws_lb.web.dns_name
}
