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


def check_pages():
    """Everything that comes in pages, one thing a page: nothing twice, nothing missing."""
    letters = ["a", "B", "c"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    tags = [{"Key": letter, "Value": ""} for letter in letters]
    policies = [
        iam.create_policy(PolicyName=letter, PolicyDocument=json.dumps(ALLOW), Tags=tags)["Policy"]["Arn"]
        for letter in letters
    ]
    for letter in letters:
        iam.create_user(UserName=letter, Tags=tags)
        iam.create_group(GroupName=letter)
        iam.create_role(
            RoleName=letter, AssumeRolePolicyDocument=json.dumps(trust), Tags=tags
        )
        iam.create_instance_profile(InstanceProfileName=letter, Tags=tags)
        iam.add_role_to_instance_profile(InstanceProfileName=letter, RoleName="a")
    for letter, arn in zip(letters, policies):
        for kind in ["user", "group", "role"]:
            name = {kind.capitalize() + "Name": "a"}
            getattr(iam, f"attach_{kind}_policy")(PolicyArn=arn, **name)
            getattr(iam, f"put_{kind}_policy")(
                PolicyName=letter, PolicyDocument=json.dumps(ALLOW), **name
            )
        iam.add_user_to_group(GroupName=letter, UserName="a")
        iam.add_user_to_group(GroupName="B", UserName=letter)
    for kind in ["user", "role"]:
        for name in ["B", "c"]:
            name = {kind.capitalize() + "Name": name}
            getattr(iam, f"attach_{kind}_policy")(PolicyArn=policies[0], **name)
    for _ in range(2):
        iam.create_policy_version(PolicyArn=policies[0], PolicyDocument=json.dumps(ALLOW))

    def pages(operation, count, results, **parameters):
        paginator = iam.get_paginator(operation).paginate(
            PaginationConfig={"PageSize": 1}, **parameters
        )
        found = []
        for page in paginator:
            items = [item for result in results for item in page[result]]
            assert len(items) <= 1, (operation, page)
            found.extend(json.dumps(item, sort_keys=True, default=str) for item in items)
        assert len(found) == len(set(found)) == count, (operation, found)

    pages("list_users", 3, ["Users"])
    pages("list_groups", 3, ["Groups"])
    pages("list_roles", 3, ["Roles"])
    pages("list_instance_profiles", 3, ["InstanceProfiles"])
    pages("list_policies", 3, ["Policies"], Scope="Local")
    pages("list_policy_versions", 3, ["Versions"], PolicyArn=policies[0])
    pages("list_policy_tags", 3, ["Tags"], PolicyArn=policies[0])
    pages("list_user_tags", 3, ["Tags"], UserName="a")
    pages("list_role_tags", 3, ["Tags"], RoleName="a")
    pages("list_instance_profile_tags", 3, ["Tags"], InstanceProfileName="a")
    pages("list_instance_profiles_for_role", 3, ["InstanceProfiles"], RoleName="a")
    pages("list_groups_for_user", 3, ["Groups"], UserName="a")
    pages("get_group", 3, ["Users"], GroupName="B")
    for kind in ["user", "group", "role"]:
        name = {kind.capitalize() + "Name": "a"}
        pages(f"list_attached_{kind}_policies", 3, ["AttachedPolicies"], **name)
        pages(f"list_{kind}_policies", 3, ["PolicyNames"], **name)
    entities = ["PolicyGroups", "PolicyRoles", "PolicyUsers"]
    pages("list_entities_for_policy", 7, entities, PolicyArn=policies[0])
    pages(
        "get_account_authorization_details",
        12,
        ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"],
        Filter=["User", "Group", "Role", "LocalManagedPolicy"],
    )


check_users()
check_policies()
check_roles()
check_pages()
assert iam.get_account_summary()["SummaryMap"]["Users"] == 3
print("all is well")
