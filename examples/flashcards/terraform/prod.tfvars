environment = "prod"
log_level   = "INFO"
