"""Secrets Manager by AWS's SDK for Python: values, versions, pages, error classes. Prints "all is well" if so.

Run by secrets.rs against `berth server`.
"""

import datetime
import json

import boto3
from botocore.config import Config

secrets = boto3.client("secretsmanager", config=Config(retries={"max_attempts": 1}))


def check_values():
    made = secrets.create_secret(Name="prod/db", SecretString="hunter2-python-first")
    assert made["ARN"].startswith("arn:aws:secretsmanager:"), made
    read = secrets.get_secret_value(SecretId=made["ARN"])
    assert read["SecretString"] == "hunter2-python-first", "another value"
    assert read["VersionId"] == made["VersionId"], read["VersionId"]
    assert isinstance(read["CreatedDate"], datetime.datetime), read["CreatedDate"]
    secrets.put_secret_value(SecretId="prod/db", SecretBinary=b"\x00hunter2-python-binary")
    read = secrets.get_secret_value(SecretId="prod/db")
    assert read["SecretBinary"] == b"\x00hunter2-python-binary", "another value"
    before = secrets.get_secret_value(SecretId="prod/db", VersionStage="AWSPREVIOUS")
    assert before["SecretString"] == "hunter2-python-first", "another value"
    versions = secrets.list_secret_version_ids(SecretId="prod/db")["Versions"]
    labels = [version["VersionStages"] for version in versions]
    assert labels == [["AWSPREVIOUS"], ["AWSCURRENT"]], labels
    described = secrets.describe_secret(SecretId="prod/db")
    assert described["VersionIdsToStages"][made["VersionId"]] == ["AWSPREVIOUS"], described
    assert described["LastAccessedDate"].date() == datetime.datetime.now(datetime.timezone.utc).date()
    batch = secrets.batch_get_secret_value(SecretIdList=["prod/db", "missing"])
    assert [value["Name"] for value in batch["SecretValues"]] == ["prod/db"]
    assert [error["ErrorCode"] for error in batch["Errors"]] == ["ResourceNotFoundException"]


def check_errors():
    for call, error in [
        (lambda: secrets.get_secret_value(SecretId="missing"), secrets.exceptions.ResourceNotFoundException),
        (lambda: secrets.create_secret(Name="prod/db", SecretString="x"), secrets.exceptions.ResourceExistsException),
        (lambda: secrets.delete_secret(SecretId="prod/db", RecoveryWindowInDays=1), secrets.exceptions.InvalidParameterException),
        (lambda: secrets.put_resource_policy(SecretId="prod/db", ResourcePolicy="{}"), secrets.exceptions.MalformedPolicyDocumentException),
    ]:
        try:
            call()
        except error as refused:
            assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 400, refused.response
        else:
            raise AssertionError(error)


def check_lists():
    for number in range(25):
        secrets.create_secret(Name=f"app/{number:02}", Tags=[{"Key": "team", "Value": "web"}])
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": ["app/"]}], SortBy="name", PaginationConfig={"PageSize": 10}
    )
    pages = [[secret["Name"] for secret in page["SecretList"]] for page in pages]
    assert len(pages) == 3, pages
    assert sum(pages, []) == [f"app/{number:02}" for number in range(25)], pages


def check_deletion():
    answer = secrets.delete_secret(SecretId="prod/db", RecoveryWindowInDays=7)
    days = (answer["DeletionDate"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86400
    assert 6.9 < days <= 7, days
    try:
        secrets.get_secret_value(SecretId="prod/db")
    except secrets.exceptions.InvalidRequestException:
        pass
    else:
        raise AssertionError("it is marked for deletion")
    secrets.restore_secret(SecretId="prod/db")
    secrets.get_secret_value(SecretId="prod/db")


def check_policies():
    """Who may read a secret: by a policy of one's own, and by the secret's."""
    iam = boto3.client("iam")
    user = iam.create_user(UserName="reader")["User"]
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = boto3.client(
        "secretsmanager",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    arn = secrets.create_secret(Name="shared", SecretString="hunter2-python-shared")["ARN"]
    other = secrets.create_secret(Name="other", SecretString="hunter2-python-other")["ARN"]

    def reads(name):
        try:
            return reader.get_secret_value(SecretId=name)["SecretString"] == f"hunter2-python-{name}"
        except reader.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException", error.response["Error"]
            return False

    def policy(effect, resource, **more):
        statement = {"Effect": effect, "Action": "secretsmanager:GetSecretValue", "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})

    assert not reads("shared"), "nobody has allowed it"
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=policy("Allow", other[:-6] + "??????"))
    assert reads("other") and not reads("shared")
    principal = {"AWS": user["Arn"]}
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy("Allow", "*", Principal=principal))
    assert reads("shared"), "the secret allows it"
    secrets.put_resource_policy(SecretId=other, ResourcePolicy=policy("Deny", "*", Principal=principal))
    assert not reads("other"), "the secret denies it"


def check_passwords():
    password = secrets.get_random_password(PasswordLength=24, ExcludePunctuation=True)["RandomPassword"]
    assert len(password) == 24 and password.isalnum(), "not as it was asked for"


check_values()
check_errors()
check_lists()
check_deletion()
check_policies()
check_passwords()
print("all is well")
