#!/usr/bin/env python3
"""A scheduler of one's own: keeps COUNT tasks running, each new one on the host with the most memory left.

    eval "$(berth env)"
    python3 scheduler.py --task-definition web --count 3

It uses the public API alone: StartTask, StopTask, the list and describe calls, and the events that Berth tells of
every change. It needs boto3. Kill it at any time: what it has started says so (startedBy), and is found again.

The shape is what any scheduler may copy: look at everything once, follow events from there, compare what is with what
should be after each of them, and begin again when events were missed.
"""

import argparse
import json
import time
import urllib.parse

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session

TASK = "ECS Task State Change"
HOST = "ECS Container Instance State Change"


class Missed(Exception):
    """Events are gone that were not read yet."""


class Events:
    """What happens in a cluster from now on."""

    def __init__(self, session, endpoint, cluster):
        self.endpoint, self.cluster = endpoint, cluster
        self.auth = SigV4Auth(session.get_credentials(), "ecs", session.region_name)
        self.http = URLLib3Session(timeout=40)
        self.after = self._ask(after="newest", wait=0)["after"]

    def next(self):
        """The next events, or none if nothing happens for a while."""
        answer = self._ask(after=self.after, wait=20)
        self.after = answer["after"]
        if answer["missed"]:
            raise Missed
        return answer["events"]

    def _ask(self, **parameters):
        query = urllib.parse.urlencode({"cluster": self.cluster, **parameters})
        request = AWSRequest("GET", f"{self.endpoint}/_berth/ecs/events?{query}")
        self.auth.add_auth(request)
        response = self.http.send(request.prepare())
        if response.status_code != 200:
            raise ConnectionError(f"{response.status_code}: {response.text}")
        return json.loads(response.text)


class Cluster:
    """Tasks and hosts as they were last told, by their ARNs."""

    def __init__(self, ecs, name):
        self.name = name
        self.tasks, self.hosts = {}, {}
        for page in ecs.get_paginator("list_tasks").paginate(cluster=name):
            if arns := page["taskArns"]:
                for task in ecs.describe_tasks(cluster=name, tasks=arns)["tasks"]:
                    self.tasks[task["taskArn"]] = task
        for page in ecs.get_paginator("list_container_instances").paginate(cluster=name):
            if arns := page["containerInstanceArns"]:
                found = ecs.describe_container_instances(cluster=name, containerInstances=arns)
                for host in found["containerInstances"]:
                    self.hosts[host["containerInstanceArn"]] = host

    def apply(self, event):
        if event["detail-type"] == TASK:
            self._keep(self.tasks, "taskArn", event["detail"])
        elif event["detail-type"] == HOST:
            self._keep(self.hosts, "containerInstanceArn", event["detail"])

    @staticmethod
    def _keep(known, key, detail):
        # An event may be older than what a call has answered meanwhile.
        before = known.get(detail[key])
        if before is None or before["version"] < detail["version"]:
            known[detail[key]] = detail

    def started_by(self, name):
        """Tasks that run or are going to, the oldest first."""
        mine = (task for task in self.tasks.values() if task.get("startedBy") == name)
        running = [task for task in mine if task["desiredStatus"] == "RUNNING"]
        return sorted(running, key=lambda task: str(task["createdAt"]))

    def by_memory_left(self):
        """Hosts that take tasks, the one with the most memory left first."""
        hosts = self.hosts.values()
        usable = [host for host in hosts if host["status"] == "ACTIVE" and host["agentConnected"]]
        return sorted(usable, key=memory_left, reverse=True)


def memory_left(host):
    return next(r["integerValue"] for r in host["remainingResources"] if r["name"] == "MEMORY")


class Scheduler:
    def __init__(self, ecs, cluster, options):
        self.ecs, self.cluster, self.options = ecs, cluster, options

    def pass_(self):
        """Compares what runs with what should, and acts. Doing it again changes nothing."""
        mine = self.cluster.started_by(self.options.name)
        for task in mine[self.options.count :]:
            self.ecs.stop_task(
                cluster=self.cluster.name, task=task["taskArn"], reason="one too many"
            )
            task["desiredStatus"] = "STOPPED"
        for _ in range(self.options.count - len(mine)):
            if not self.start_one():
                print("no host has room; waiting for one that has", flush=True)
                return

    def start_one(self):
        for host in self.cluster.by_memory_left():
            arn = host["containerInstanceArn"]
            answer = self.ecs.start_task(
                cluster=self.cluster.name,
                taskDefinition=self.options.task_definition,
                containerInstances=[arn],
                startedBy=self.options.name,
            )
            for task in answer["tasks"]:
                # Known from here on, or the next pass would start it again.
                self.cluster.tasks[task["taskArn"]] = task
                fresh = self.ecs.describe_container_instances(
                    cluster=self.cluster.name, containerInstances=[arn]
                )
                self.cluster.hosts[arn] = fresh["containerInstances"][0]
                print(f"started {task['taskArn']} on {arn}", flush=True)
                return True
            print(f"{arn}: {answer['failures'][0]['reason']}", flush=True)
        return False


def run(session, options):
    ecs = session.client("ecs")
    # First the place in the stream, then the look: so nothing falls between the two.
    events = Events(session, ecs.meta.endpoint_url, options.cluster)
    scheduler = Scheduler(ecs, Cluster(ecs, options.cluster), options)
    while True:
        scheduler.pass_()
        for event in events.next():
            scheduler.cluster.apply(event)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cluster", default="default")
    parser.add_argument("--task-definition", required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--name", default="most-memory-left", help="told as startedBy")
    options = parser.parse_args()
    session = boto3.Session()
    while True:
        try:
            run(session, options)
        except Missed:
            print("events were missed; looking at everything anew", flush=True)
        except (BotoCoreError, ClientError, ConnectionError) as error:
            print(f"{error}; beginning anew", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main()
