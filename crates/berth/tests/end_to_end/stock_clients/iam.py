"""IAM by AWS's SDK for Python: pages, error classes, waiters, decoded policies. Prints "all is well" if so.

Run by iam.rs against `berth server`.
"""

import datetime
import json

import boto3
from botocore.config import Config

iam = boto3.client("iam", config=Config(retries={"max_attempts": 1}))

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}],
}


def check_users():
    names = [f"user-{number:02}" for number in range(25)]
    for name in names:
        iam.create_user(UserName=name, Path="/staff/", Tags=[{"Key": "a", "Value": "b"}])
    iam.get_waiter("user_exists").wait(UserName=names[-1])
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 10}))
    assert len(pages) == 3, pages
    assert [user["UserName"] for page in pages for user in page["Users"]] == names
    user = iam.get_user(UserName="USER-03")["User"]
    assert user["Arn"].endswith(":user/staff/user-03"), user
    assert isinstance(user["CreateDate"], datetime.datetime), user
    assert user["Tags"] == [{"Key": "a", "Value": "b"}], user
    try:
        iam.create_user(UserName="user-03")
    except iam.exceptions.EntityAlreadyExistsException as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 409, error.response
    else:
        raise AssertionError("a name is taken once")
    for name in names:
        iam.delete_user(UserName=name)
    try:
        iam.get_user(UserName="user-03")
    except iam.exceptions.NoSuchEntityException as error:
        assert str(error).endswith("The user with name user-03 cannot be found."), error
    else:
        raise AssertionError("who is deleted is gone")


def check_policies():
    arn = iam.create_policy(PolicyName="ecs", PolicyDocument=json.dumps(ALLOW))["Policy"]["Arn"]
    iam.get_waiter("policy_exists").wait(PolicyArn=arn)
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == ALLOW, version
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=json.dumps(ALLOW))
    assert iam.get_user_policy(UserName="alice", PolicyName="own")["PolicyDocument"] == ALLOW
    holders = iam.list_entities_for_policy(PolicyArn=arn)
    assert [user["UserName"] for user in holders["PolicyUsers"]] == ["alice"], holders
    details = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert details[0]["UserPolicyList"][0]["PolicyDocument"] == ALLOW, details
    local = [policy.arn for policy in boto3.resource("iam").policies.filter(Scope="Local")]
    assert local == [arn], local
    try:
        iam.create_policy(PolicyName="bad", PolicyDocument="{")
    except iam.exceptions.MalformedPolicyDocumentException:
        pass
    else:
        raise AssertionError("half a document is no policy")
    iam.detach_user_policy(UserName="alice", PolicyArn=arn)
    iam.delete_user_policy(UserName="alice", PolicyName="own")
    iam.delete_user(UserName="alice")
    iam.delete_policy(PolicyArn=arn)


def check_roles():
    made = iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    assert made["Path"] == "/aws-service-role/ecs.amazonaws.com/", made
    trust = made["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "ecs.amazonaws.com"}, made
    profile = boto3.resource("iam").create_instance_profile(InstanceProfileName="host")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="host")
    assert profile.roles == [], profile.roles
    profile.delete()
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]
    assert status == "SUCCEEDED", status


check_users()
check_policies()
check_roles()
assert iam.get_account_summary()["SummaryMap"]["Users"] == 0
print("all is well")
