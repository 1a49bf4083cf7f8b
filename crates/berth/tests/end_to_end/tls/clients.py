"""TLS by the SDK for Python: certificates, policies about them, and addresses that are signed beforehand.

The environment says where the server is over TLS; that it takes plain HTTP too is known to the test.
"""

import json
import os
import ssl
import time
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError, SSLError
from botocore.httpsession import where
from botocore.signers import RequestSigner

secure = os.environ["AWS_ENDPOINT_URL"]
assert secure.startswith("https://"), secure
plain = secure.replace("https://", "http://")
iam, ecs, sts = boto3.client("iam"), boto3.client("ecs"), boto3.client("sts")

assert ecs.list_clusters()["clusterArns"] == []
assert sts.get_caller_identity()["Account"] == "000000000000"
try:
    boto3.client("ecs", verify=where()).list_clusters()
except SSLError:
    pass
else:
    raise AssertionError("whoever trusts the authorities of browsers does not trust this one")

# Who may call by TLS only.
iam.create_user(UserName="ann")
key = iam.create_access_key(UserName="ann")["AccessKey"]
by_tls_only = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
}
iam.put_user_policy(UserName="ann", PolicyName="tls", PolicyDocument=json.dumps(by_tls_only))


def as_ann(endpoint):
    return boto3.client(
        "ecs",
        endpoint_url=endpoint,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


as_ann(secure).list_clusters()
try:
    as_ann(plain).list_clusters()
except ClientError as error:
    assert error.response["Error"]["Code"] == "AccessDeniedException", error
    assert "with an explicit deny" in str(error), error
else:
    raise AssertionError("plain HTTP is denied")

# Addresses that are signed beforehand: whoever has one may use it, until it expires.
trusting = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])


def opened(url, method="GET", headers={}):
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        context = trusting if url.startswith("https") else None
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def presigned(client, operation, seconds, method="GET", **parameters):
    return client.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds, HttpMethod=method)


for endpoint in [secure, plain]:
    client = boto3.client("sts", endpoint_url=endpoint)
    for method in ["GET", "POST"]:
        url = presigned(client, "get_caller_identity", 60, method)
        status, body = opened(url, method)
        assert status == 200 and "<Arn>arn:aws:iam::000000000000:root</Arn>" in body, body
        status, body = opened(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), method)
        assert status == 403 and "SignatureDoesNotMatch" in body, body
    wrong = presigned(client, "get_caller_identity", 60)
    status, body = opened(wrong, "POST")
    assert status == 403 and "SignatureDoesNotMatch" in body, body

# As `aws eks get-token` does: with a header that must come too.
session = boto3.session.Session()
signer = RequestSigner(
    sts.meta.service_model.service_id, session.region_name, "sts", "v4", session.get_credentials(), session.events
)
token = signer.generate_presigned_url(
    {
        "method": "GET",
        "url": f"{secure}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": "shop"},
        "context": {},
    },
    region_name=session.region_name,
    expires_in=60,
    operation_name="",
)
status, body = opened(token, headers={"x-k8s-aws-id": "shop"})
assert status == 200 and "arn:aws:iam::000000000000:root" in body, body
status, body = opened(token, headers={"x-k8s-aws-id": "other"})
assert status == 403, body

short = presigned(sts, "get_caller_identity", 1)
patience = time.monotonic() + 30
while True:
    status, body = opened(short)
    if status != 200:
        break
    assert time.monotonic() < patience, "it expires"
assert status == 403 and "xpired" in body, body
print("all is well")
