"""Throttling by AWS's SDK for Python: what it is told, and that it tries again. Prints "all is well" if so.

Run by rates.rs against `berth server --rate-limits aws`.
"""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

IMPATIENT = Config(retries={"total_max_attempts": 1})
# The burst of ECS's rarest calls, of which one comes back a second.
BURST = 5
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}],
    }
)


def until_throttled(call):
    """How often it works, and what it is told then."""
    for count in range(1000):
        try:
            call()
        except ClientError as error:
            return count, error.response
    raise AssertionError("nobody is throttled")


def check_ecs():
    def delete(config):
        client = boto3.client("ecs", config=config)
        return client.delete_task_definitions(taskDefinitions=["nothing:1"])

    count, answer = until_throttled(lambda: delete(IMPATIENT))
    assert count >= BURST, count
    assert answer["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}, answer
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400, answer
    # Now there is nothing left, and whoever is patient gets it.
    for mode in ["legacy", "standard", "adaptive"]:
        answer = delete(Config(retries={"mode": mode, "total_max_attempts": 10}))
        assert len(answer["failures"]) == 1, answer
    # Other calls are not slowed down by that.
    boto3.client("ecs", config=IMPATIENT).list_clusters()


def check_iam():
    iam = boto3.client("iam", config=IMPATIENT)

    def simulate(client):
        return client.simulate_custom_policy(PolicyInputList=[POLICY], ActionNames=["ecs:RunTask"])

    count, answer = until_throttled(lambda: simulate(iam))
    assert count >= 20, count
    assert answer["Error"]["Code"] == "Throttling", answer
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400, answer
    simulate(boto3.client("iam", config=Config(retries={"mode": "standard", "total_max_attempts": 10})))


check_ecs()
check_iam()
print("all is well")
