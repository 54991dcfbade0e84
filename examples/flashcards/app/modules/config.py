"""Settings, read from the environment once per container."""

import os

USERS_TABLE = os.environ["USERS_TABLE"]
SESSIONS_TABLE = os.environ["SESSIONS_TABLE"]
LOCKS_TABLE = os.environ["LOCKS_TABLE"]
USER_DBS_BUCKET = os.environ["USER_DBS_BUCKET"]

JWT_SECRET = os.environ["JWT_SECRET"]
JWT_ACCESS_TOKEN_EXPIRES = int(os.environ["JWT_ACCESS_TOKEN_EXPIRES"])
JWT_REFRESH_TOKEN_EXPIRES = int(os.environ["JWT_REFRESH_TOKEN_EXPIRES"])

# seconds a container keeps a user's database to itself after the last request
SESSION_SECONDS = int(os.environ.get("SESSION_SECONDS", "60"))
# changes collected in /tmp before the database is uploaded
FLUSH_EVERY = int(os.environ.get("FLUSH_EVERY", "8"))

LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
