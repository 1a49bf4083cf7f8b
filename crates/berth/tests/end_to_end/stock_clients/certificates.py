"""HTTPS by the SDK for Python: certificates of both kinds, chosen by name, and clients that show theirs."""

import http.server
import socket
import ssl
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError

PORT = int(sys.argv[1])
QUICKLY = {"Delay": 1, "MaxAttempts": 60}

acm = boto3.client("acm")
elb = boto3.client("elbv2")
ec2 = boto3.client("ec2")


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that it was asked with."""

    def do_GET(self):
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def read(path):
    with open(path, "rb") as file:
        return file.read()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} was expected")


def trusting(authority, client=None):
    context = ssl.create_default_context(cafile=authority)
    if client:
        context.load_cert_chain(f"{client}.pem", f"{client}.key")
    return context


def get(name, context):
    """The names that the certificate has, and the page."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as raw:
        with context.wrap_socket(raw, server_hostname=name) as tls:
            tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
            head, _, body = answer.partition("\r\n\r\n")
            assert head.startswith("HTTP/1.1 200 "), answer
            return [name for _, name in tls.getpeercert()["subjectAltName"]], body


def eventually(look):
    """What this answers once it raises nothing: a proxy hears of a change a moment after the API has answered."""
    end = time.monotonic() + 30
    while True:
        try:
            return look()
        except (OSError, AssertionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=page.serve_forever, daemon=True).start()

imported = acm.import_certificate(
    Certificate=read("imported.pem"),
    PrivateKey=read("imported.key"),
    CertificateChain=read("imported-ca.pem"),
)["CertificateArn"]
issued = acm.request_certificate(
    DomainName="shop.example.com",
    SubjectAlternativeNames=["*.shop.example.com"],
    ValidationMethod="DNS",
)["CertificateArn"]
acm.get_waiter("certificate_validated").wait(CertificateArn=issued, WaiterConfig=QUICKLY)

subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
balancer = elb.create_load_balancer(
    Name="web", Subnets=[subnet["SubnetId"] for subnet in subnets]
)["LoadBalancers"][0]["LoadBalancerArn"]
elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[balancer], WaiterConfig=QUICKLY)
group = elb.create_target_group(
    Name="web",
    Protocol="HTTP",
    Port=page.server_port,
    VpcId=subnets[0]["VpcId"],
    TargetType="ip",
    HealthCheckIntervalSeconds=5,
    HealthCheckTimeoutSeconds=2,
)["TargetGroups"][0]["TargetGroupArn"]
elb.register_targets(
    TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "AvailabilityZone": "all"}]
)
listener = elb.create_listener(
    LoadBalancerArn=balancer,
    Protocol="HTTPS",
    Port=PORT,
    SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    Certificates=[{"CertificateArn": imported}],
    DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
)["Listeners"][0]["ListenerArn"]
elb.add_listener_certificates(
    ListenerArn=listener, Certificates=[{"CertificateArn": issued}]
)
elb.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig=QUICKLY)

# By name, each with a chain that its authority is at the end of.
names, asked = eventually(lambda: get("imported.example.com", trusting("imported-ca.pem")))
assert names == ["imported.example.com"], names
assert "x-forwarded-proto: https" in asked.lower(), asked
names, _ = eventually(lambda: get("a.shop.example.com", trusting("tls/ca.pem")))
assert names == ["shop.example.com", "*.shop.example.com"], names
try:
    get("imported.example.com", trusting("tls/ca.pem"))
except ssl.SSLCertVerificationError:
    pass
else:
    raise AssertionError("another authority's certificate was believed")
# Whoever asks for a name that no certificate has gets the default one.
context = trusting("imported-ca.pem")
context.check_hostname = False
assert get("elsewhere.example.org", context)[0] == ["imported.example.com"]

# Only clients with a certificate of the trust store's.
store = elb.create_trust_store(
    Name="clients",
    CaCertificatesBundleS3Bucket="trust",
    CaCertificatesBundleS3Key="clients.pem",
)["TrustStores"][0]["TrustStoreArn"]
elb.modify_listener(
    ListenerArn=listener, MutualAuthentication={"Mode": "verify", "TrustStoreArn": store}
)


def without_certificate():
    try:
        get("shop.example.com", trusting("tls/ca.pem"))
    except (ssl.SSLError, ConnectionResetError):
        return
    raise AssertionError("a client without a certificate was let in")


eventually(without_certificate)
_, asked = get("shop.example.com", trusting("tls/ca.pem", client="client"))
assert "x-amzn-mtls-clientcert-subject: cn=somebody" in asked.lower(), asked
try:
    get("shop.example.com", trusting("tls/ca.pem", client="imported"))
except (ssl.SSLError, ConnectionResetError):
    pass
else:
    raise AssertionError("a client with another authority's certificate was let in")

refused("ResourceInUseException", acm.delete_certificate, CertificateArn=issued)
elb.delete_load_balancer(LoadBalancerArn=balancer)
elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[balancer], WaiterConfig=QUICKLY)
elb.delete_trust_store(TrustStoreArn=store)
elb.delete_target_group(TargetGroupArn=group)
for certificate in (imported, issued):
    acm.delete_certificate(CertificateArn=certificate)
print("all is well")
