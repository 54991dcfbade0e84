terraform {
  required_version = ">= 1.9"

  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # terraform init -backend-config=bucket=...
  backend "s3" {
    key = "meetings/terraform.tfstate"
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project     = "meetings"
      environment = var.environment
    }
  }
}

data "aws_caller_identity" "current" {}

locals {
  name       = "meetings-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
}
