def work(event, context):
    return None
