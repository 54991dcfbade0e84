import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

ACCESS = "SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: arn:secret}]"

LIKE_AWS = {
    "a queue": "{Type: SQS, Properties: {Queue: !GetAtt Q.Arn, BatchSize: 5, Enabled: false}}",
    "a queue with a filter": "{Type: SQS, Properties: {Queue: arn, FilterCriteria: {Filters: [{Pattern: a}]}}}",
    "a stream": "{Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST, ParallelizationFactor: 2}}",
    "a table": """
        {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn, StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: 3,
         BisectBatchOnFunctionError: true, MaximumRecordAgeInSeconds: 60, TumblingWindowInSeconds: 5,
         MaximumBatchingWindowInSeconds: 5, FunctionResponseTypes: [ReportBatchItemFailures]}}
    """,
    "failures to a queue": """
        {Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST,
         DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Q.Arn}}}}
    """,
    "failures to a topic": """
        {Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST,
         DestinationConfig: {OnFailure: {Type: SNS, Destination: arn}}}}
    """,
    "failures to a bucket": """
        {Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST,
         DestinationConfig: {OnFailure: {Type: S3, Destination: arn}}}}
    """,
    "failures without a type": """
        {Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST,
         DestinationConfig: {OnFailure: {Destination: arn}}}}
    """,
    "managed Kafka": """
        {Type: MSK, Properties: {Stream: arn, StartingPosition: LATEST, Topics: [a], ConsumerGroupId: g,
         SourceAccessConfigurations: [{Type: CLIENT_CERTIFICATE_TLS_AUTH, URI: arn:secret}]}}
    """,
    "managed Kafka with schemas": """
        {Type: MSK, Properties: {Stream: arn, StartingPosition: LATEST, Topics: [a], SchemaRegistryConfig: {
         SchemaRegistryURI: 'arn:aws:glue:us-east-1:123456789012:registry/r', EventRecordFormat: JSON,
         SchemaValidationConfigs: [{Attribute: KEY}], AccessConfigs: [{Type: BASIC_AUTH, URI: arn}]}}}
    """,
    "managed Kafka with schemas at a joined address": """
        {Type: MSK, Properties: {Stream: arn, StartingPosition: LATEST, Topics: [a], SchemaRegistryConfig: {
         SchemaRegistryURI: !Join ['', ['arn:', !Ref 'AWS::Region']], EventRecordFormat: SOURCE,
         SchemaValidationConfigs: []}}}
    """,
    "Kafka of one's own": """
        {Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: ['a:1'], Topics: [t], ConsumerGroupId: g,
         SecretsManagerKmsKeyId: k, SourceAccessConfigurations: [{Type: SASL_SCRAM_512_AUTH, URI: arn},
         {Type: VPC_SUBNET, URI: 'subnet:a'}, {Type: VPC_SECURITY_GROUP, URI: 'security_group:b'},
         {Type: SERVER_ROOT_CA_CERTIFICATE, URI: arn2}]}}
    """,
    "Kafka with access by role": """
        {Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: ['a:1'], Topics: [t],
         SourceAccessConfigurations: [{Type: IAM_AUTH}]}}
    """,
    "a broker": f"{{Type: MQ, Properties: {{Broker: arn, Queues: [q], {ACCESS}}}}}",
    "a broker with a key": f"{{Type: MQ, Properties: {{Broker: arn, {ACCESS}, SecretsManagerKmsKeyId: k}}}}",
    "a broker with a policy of its own": f"{{Type: MQ, Properties: {{Broker: arn, {ACCESS}, DynamicPolicyName: true}}}}",
    "documents": f"""
        {{Type: DocumentDB, Properties: {{Cluster: arn, DatabaseName: d, CollectionName: c, FullDocument: UpdateLookup,
         StartingPosition: LATEST, {ACCESS}, SecretsManagerKmsKeyId: k}}}}
    """,
    "a queue with everything": """
        {Type: SQS, Properties: {Queue: arn, ScalingConfig: {MaximumConcurrency: 2}, KmsKeyArn: k,
         MetricsConfig: {Metrics: [EventCount]}, ProvisionedPollerConfig: {MinimumPollers: 1}}}
    """,
}


@pytest.mark.parametrize("event", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_polled_source_becomes_what_aws_makes_of_it(event, function, same_as_aws):
    same_as_aws(function(f"Events: {{Source: {' '.join(event.split())}}}"))


def test_two_sources_that_need_the_same_add_one_policy_to_the_role(function, same_as_aws):
    same_as_aws(
        function("""
            Events:
              One: {Type: Kinesis, Properties: {Stream: a, StartingPosition: LATEST,
                    DestinationConfig: {OnFailure: {Type: SQS, Destination: q}}}}
              Two: {Type: Kinesis, Properties: {Stream: b, StartingPosition: LATEST,
                    DestinationConfig: {OnFailure: {Type: SQS, Destination: q}}}}
              Three: {Type: SQS, Properties: {Queue: c}}
        """)
    )


REFUSED = {
    "{Type: SQS, Properties: {}}": ("Queue",),
    "{Type: SQS, Properties: {Queue: a, BatchSize: many}}": ("BatchSize",),
    "{Type: SQS, Properties: {Queue: a, Topic: b}}": ("Topic",),
    "{Type: SQS, Properties: {Queue: a, FilterCriteria: {Pattern: []}}}": ("FilterCriteria",),
    "{Type: SQS, Properties: {Queue: a, ConsumerGroupId: b}}": ("ConsumerGroupId",),
    "{Type: Kinesis, Properties: {Stream: a}}": ("StartingPosition",),
    "{Type: SQS, Properties: {Queue: a, DestinationConfig: {OnFailure: {Type: Mail}}}}": (
        "DestinationConfig",
        "OnFailure",
        "Type",
    ),
    "{Type: MQ, Properties: {Broker: a}}": ("SourceAccessConfigurations",),
    "{Type: MQ, Properties: {Broker: a, SourceAccessConfigurations: [{Type: VIRTUAL_HOST, URI: a}]}}": (
        "SourceAccessConfigurations",
    ),
    "{Type: MQ, Properties: {Broker: a, SourceAccessConfigurations: [{Type: OTHER, URI: a}]}}": (
        "SourceAccessConfigurations",
        0,
        "Type",
    ),
    "{Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: [a], Topics: [a, b], SourceAccessConfigurations: [{}]}}": (
        "Topics",
    ),
    "{Type: SelfManagedKafka, Properties: {Topics: [a]}}": ("KafkaBootstrapServers",),
    "{Type: MSK, Properties: {Stream: a, StartingPosition: b, SchemaRegistryConfig: {A: b}}}": (
        "SchemaRegistryConfig",
        "SchemaRegistryURI",
    ),
}


@pytest.mark.parametrize(("event", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_source_that_aws_refuses_is_a_problem_and_the_function_stays(
    event, route, function, refused_by_both
):
    place = ("Resources", "Fn", "Properties", "Events", "Source", "Properties")
    assert "Fn" in refused_by_both(function(f"Events: {{Source: {event}}}"), *place, *route).resources


def test_a_mapping_leads_to_the_properties_of_its_event(function, template_of):
    made = expand(template_of(function("Events: {Jobs: {Type: SQS, Properties: {Queue: a}}}")), {}).made[
        "FnJobs"
    ]
    assert made.by == "Fn"
    assert made.route == ("Resources", "Fn", "Properties", "Events", "Jobs")
    assert made.properties["BatchSize"] == ("Properties", "Events", "Jobs", "Properties", "BatchSize")
    assert made.properties["EventSourceArn"] == ("Properties", "Events", "Jobs", "Properties", "Queue")
