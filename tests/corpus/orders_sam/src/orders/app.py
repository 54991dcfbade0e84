def take(event, context):
    return {"statusCode": 202}
