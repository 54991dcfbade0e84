environment = "dev"
log_level   = "DEBUG"
