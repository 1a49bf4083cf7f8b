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
  ip_address_type    = "dualstack"
  tags               = { team = "shop" }

  client_keep_alive                           = 120
  desync_mitigation_mode                      = "strictest"
  drop_invalid_header_fields                  = true
  enable_http2                                = false
  enable_tls_version_and_cipher_suite_headers = true
  enable_xff_client_port                      = true
  idle_timeout                                = 30
  preserve_host_header                        = true
  xff_header_processing_mode                  = "preserve"

  access_logs {
    bucket  = "logs"
    prefix  = "web"
    enabled = true
  }
  connection_logs {
    bucket  = "logs"
    enabled = true
  }
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

  load_balancing_algorithm_type     = "weighted_random"
  load_balancing_anomaly_mitigation = "on"
  load_balancing_cross_zone_enabled = "true"

  stickiness {
    type            = "app_cookie"
    cookie_name     = "session"
    cookie_duration = 120
  }
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

  routing_http_response_server_enabled                         = false
  routing_http_response_strict_transport_security_header_value = "max-age=60"

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

resource "aws_lb_target_group" "kept" {
  name                   = "kept"
  port                   = 443
  protocol               = "TCP"
  vpc_id                 = local.vpc
  target_type            = "ip"
  preserve_client_ip     = true
  proxy_protocol_v2      = true
  connection_termination = true

  stickiness {
    type    = "source_ip"
    enabled = true
  }
  target_health_state {
    enable_unhealthy_connection_termination = false
  }
  target_group_health {
    dns_failover {
      minimum_healthy_targets_count      = "1"
      minimum_healthy_targets_percentage = "off"
    }
    unhealthy_state_routing {
      minimum_healthy_targets_count      = 2
      minimum_healthy_targets_percentage = "50"
    }
  }
  health_check {
    protocol = "TCP"
    interval = 10
  }
}

resource "aws_lb_listener" "kept" {
  load_balancer_arn        = aws_lb.flows.arn
  port                     = 443
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = 100
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.kept.arn
  }
}

resource "aws_lb_target_group" "behind" {
  name        = "behind"
  port        = 80
  protocol    = "TCP"
  vpc_id      = local.vpc
  target_type = "alb"
}

resource "aws_lb_target_group_attachment" "behind" {
  target_group_arn = aws_lb_target_group.behind.arn
  target_id        = aws_lb_listener.web.load_balancer_arn
  port             = 80
}

data "aws_lb" "web" {
  arn = aws_lb.web.arn
}

output "dns_name" {
  value = data.aws_lb.web.dns_name
}
