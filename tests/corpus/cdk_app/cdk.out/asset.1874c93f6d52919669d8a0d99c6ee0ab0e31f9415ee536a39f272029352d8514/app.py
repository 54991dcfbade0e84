def handler(event, context):
    return {"orders": 0}
