"""What programs rely on in AWS's SDK for Python: pages, error classes, waiters, types. Prints "all is well" if so.

Run by stock_clients.rs against `berth up --runtime fake`: one host, no container is real.
"""

import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ecs = boto3.client("ecs", config=Config(retries={"max_attempts": 1}))


def refused(call, *arguments, **parameters):
    """The error of a call that must not work."""
    try:
        answer = call(*arguments, **parameters)
    except ClientError as error:
        return error
    raise AssertionError(f"an error, expected; but: {answer}")


def check_pages():
    names = {f"page-{number:02}" for number in range(25)}
    for name in names:
        ecs.create_cluster(clusterName=name)
    paginator = ecs.get_paginator("list_clusters")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 10}))
    found = [arn.rsplit("/", 1)[1] for page in pages for arn in page["clusterArns"]]
    assert len(pages) == 3, pages
    assert len(found) == len(set(found)), "no cluster is on two pages"
    assert names | {"default"} == set(found), found
    assert "nextToken" not in pages[-1]
    for name in names:
        ecs.delete_cluster(cluster=name)

    for number in range(5):
        register("pages", memory=16 + number)
    revisions = ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix="pages", sort="DESC", PaginationConfig={"PageSize": 2}
    )
    found = [arn.rsplit(":", 1)[1] for page in revisions for arn in page["taskDefinitionArns"]]
    assert found == ["5", "4", "3", "2", "1"], found


def check_errors():
    error = refused(ecs.list_tasks, cluster="nowhere")
    assert isinstance(error, ecs.exceptions.ClusterNotFoundException), error
    assert isinstance(error, ClientError)
    assert error.response["Error"] == {"Code": "ClusterNotFoundException", "Message": "Cluster not found."}, error.response
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.response["ResponseMetadata"]["RequestId"]

    error = refused(ecs.describe_task_definition, taskDefinition="nothing")
    assert isinstance(error, ecs.exceptions.ClientException), error
    error = refused(ecs.stop_task, task="0123456789abcdef0123456789abcdef")
    assert isinstance(error, ecs.exceptions.InvalidParameterException), error
    error = refused(ecs.create_cluster, clusterName="no spaces")
    assert isinstance(error, ecs.exceptions.InvalidParameterException), error
    error = refused(ecs.list_daemons)
    assert error.response["Error"]["Code"] == "UnsupportedOperationException", error

    failures = ecs.describe_clusters(clusters=["nowhere"])["failures"]
    assert failures == [{"arn": failures[0]["arn"], "reason": "MISSING"}], failures
    stranger = boto3.client("ecs", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret")
    error = refused(stranger.list_clusters)
    assert error.response["Error"]["Code"] == "UnrecognizedClientException", error


def register(family, **container):
    definition = {"name": "main", "image": "any", "memory": 16, **container}
    answer = ecs.register_task_definition(family=family, containerDefinitions=[definition])
    return answer["taskDefinition"]["taskDefinitionArn"]


def check_a_task():
    definition = register("life")
    run = ecs.run_task(taskDefinition=definition, clientToken="once", tags=[{"key": "a", "value": "b"}])
    task = run["tasks"][0]["taskArn"]
    again = ecs.run_task(taskDefinition=definition, clientToken="once", tags=[{"key": "a", "value": "b"}])
    assert again["tasks"][0]["taskArn"] == task, "the token makes it one task"
    ecs.get_waiter("tasks_running").wait(tasks=[task], WaiterConfig={"Delay": 1})
    described = ecs.describe_tasks(tasks=[task], include=["TAGS"])["tasks"][0]
    assert described["tags"] == [{"key": "a", "value": "b"}], described
    assert isinstance(described["createdAt"], datetime.datetime)
    assert described["createdAt"] <= described["startedAt"]

    ecs.stop_task(task=task, reason="enough")
    ecs.get_waiter("tasks_stopped").wait(tasks=[task], WaiterConfig={"Delay": 1})
    described = ecs.describe_tasks(tasks=[task])["tasks"][0]
    assert described["stoppedReason"] == "enough", described
    assert described["stopCode"] == "UserInitiated", described
    assert ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == [task]
    assert ecs.list_tasks()["taskArns"] == []


def check_arn_formats():
    definition = register("arns")
    long = ecs.run_task(taskDefinition=definition)["tasks"][0]
    ecs.put_account_setting(name="taskLongArnFormat", value="disabled")
    short = ecs.run_task(taskDefinition=definition)["tasks"][0]
    ecs.put_account_setting(name="taskLongArnFormat", value="enabled")
    assert long["taskArn"].split(":", 5)[5].startswith("task/default/"), long
    assert short["taskArn"].split(":", 5)[5].count("/") == 1, short
    found = ecs.describe_tasks(tasks=[long["taskArn"], short["taskArn"]])
    assert found["failures"] == [], found
    assert {task["taskArn"] for task in found["tasks"]} == {long["taskArn"], short["taskArn"]}
    by_id = ecs.describe_tasks(tasks=[task["taskArn"].rsplit("/", 1)[1] for task in (long, short)])
    assert len(by_id["tasks"]) == 2, by_id
    for task in (long, short):
        ecs.stop_task(task=task["taskArn"])


def check_services():
    register("kept")
    created = ecs.create_service(serviceName="kept", taskDefinition="kept", desiredCount=3)["service"]
    assert created["serviceArn"].endswith("service/default/kept"), created
    ecs.get_waiter("services_stable").wait(services=["kept"], WaiterConfig={"Delay": 1})
    service = ecs.describe_services(services=["kept"])["services"][0]
    assert (service["runningCount"], service["pendingCount"]) == (3, 0), service
    assert isinstance(service["events"][0]["createdAt"], datetime.datetime)

    revision = register("kept", memory=32)
    ecs.update_service(service="kept", taskDefinition=revision, desiredCount=2)
    ecs.get_waiter("services_stable").wait(services=["kept"], WaiterConfig={"Delay": 1})
    tasks = ecs.list_tasks(serviceName="kept")["taskArns"]
    described = ecs.describe_tasks(tasks=tasks)["tasks"]
    assert [task["taskDefinitionArn"] for task in described] == [revision] * 2, described

    for number in range(11):
        ecs.create_service(serviceName=f"more-{number:02}", taskDefinition="kept", desiredCount=0)
    pages = list(ecs.get_paginator("list_services").paginate())
    found = [arn.rsplit("/", 1)[1] for page in pages for arn in page["serviceArns"]]
    assert len(pages) == 2 and found == ["kept"] + [f"more-{number:02}" for number in range(11)], found

    check_pages_of_services(found)

    error = refused(ecs.delete_service, service="kept")
    assert isinstance(error, ecs.exceptions.InvalidParameterException), error
    for name in found:
        ecs.delete_service(service=name, force=True)
    ecs.get_waiter("services_inactive").wait(services=found[:10], WaiterConfig={"Delay": 1})
    error = refused(ecs.update_service, service="kept", desiredCount=1)
    assert isinstance(error, ecs.exceptions.ServiceNotActiveException), error
    error = refused(ecs.update_service, service="nobody", desiredCount=1)
    assert isinstance(error, ecs.exceptions.ServiceNotFoundException), error


def check_pages_of_services(names):
    """Every listing that has to do with services, a few items a page: nothing twice, nothing missing."""
    pages = list(ecs.get_paginator("list_services").paginate(launchType="EC2", PaginationConfig={"PageSize": 5}))
    found = [arn.rsplit("/", 1)[1] for page in pages for arn in page["serviceArns"]]
    assert len(pages) == 3 and found == names, found
    limited = ecs.get_paginator("list_services").paginate(PaginationConfig={"MaxItems": 7, "PageSize": 3})
    begun = limited.build_full_result()
    rest = ecs.get_paginator("list_services").paginate(PaginationConfig={"StartingToken": begun["NextToken"]})
    arns = begun["serviceArns"] + rest.build_full_result()["serviceArns"]
    assert [arn.rsplit("/", 1)[1] for arn in arns] == names, arns

    tasks = ecs.list_tasks(serviceName="kept")["taskArns"]
    pages = list(ecs.get_paginator("list_tasks").paginate(serviceName="kept", PaginationConfig={"PageSize": 1}))
    assert [page["taskArns"] for page in pages if page["taskArns"]] == [[task] for task in tasks], pages

    whole = ecs.list_service_deployments(service="kept")["serviceDeployments"]
    # The first was stable, but perhaps not done, when the second came.
    assert len(whole) == 2 and whole[0]["status"] == "SUCCESSFUL", whole
    found, token = [], {}
    while token is not None:
        page = ecs.list_service_deployments(service="kept", maxResults=1, **token)
        found += page["serviceDeployments"]
        token = {"nextToken": page["nextToken"]} if "nextToken" in page else None
    assert found == whole, found
    described = ecs.describe_service_deployments(
        serviceDeploymentArns=[deployment["serviceDeploymentArn"] for deployment in whole]
    )
    assert described["failures"] == [] and len(described["serviceDeployments"]) == 2, described

    def of_a_namespace():
        return list(ecs.get_paginator("list_services_by_namespace").paginate(namespace="nowhere"))

    error = refused(of_a_namespace)
    assert isinstance(error, ecs.exceptions.NamespaceNotFoundException), error
    instances = ecs.get_paginator("list_container_instances").paginate(PaginationConfig={"PageSize": 1})
    assert len(instances.build_full_result()["containerInstanceArns"]) == 1
    settings = ecs.get_paginator("list_account_settings").paginate(effectiveSettings=True, PaginationConfig={"PageSize": 2})
    names = [setting["name"] for setting in settings.build_full_result()["settings"]]
    assert "serviceLongArnFormat" in names and len(names) == len(set(names)), names


def check_regions():
    """Regions are separate worlds, and one endpoint serves them all."""
    ecs.create_cluster(clusterName="here")
    elsewhere = boto3.client("ecs", region_name="eu-west-1")
    assert elsewhere.list_clusters()["clusterArns"] == []
    arn = elsewhere.create_cluster(clusterName="here")["cluster"]["clusterArn"]
    assert arn == "arn:aws:ecs:eu-west-1:000000000000:cluster/here", arn
    error = refused(ecs.describe_clusters, clusters=[arn])
    assert isinstance(error, ecs.exceptions.InvalidParameterException), error
    assert "eu-west-1" in str(error), error


check_pages()
check_errors()
check_a_task()
check_arn_formats()
check_services()
check_regions()
print("all is well")
