"""Keys and parameters by the SDK for Python: what programs that keep secrets rely on."""

import boto3
from botocore.exceptions import ClientError

SECRET = "correct horse battery staple"

kms = boto3.client("kms")
ssm = boto3.client("ssm")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} was expected")


key = kms.create_key(Description="shop", Tags=[{"TagKey": "team", "TagValue": "web"}])
arn = key["KeyMetadata"]["Arn"]
kms.create_alias(AliasName="alias/shop", TargetKeyId=arn)
context = {"app": "shop"}
blob = kms.encrypt(KeyId="alias/shop", Plaintext=SECRET, EncryptionContext=context)["CiphertextBlob"]
kms.rotate_key_on_demand(KeyId=arn)
opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
assert (opened["Plaintext"].decode(), opened["KeyId"]) == (SECRET, arn), "a rotated key opens it"
refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob)
data = kms.generate_data_key(KeyId=arn, KeySpec="AES_256")
assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
rotations = kms.get_paginator("list_key_rotations").paginate(KeyId=arn)
assert [r["RotationType"] for page in rotations for r in page["Rotations"]] == ["ON_DEMAND"]

ssm.put_parameter(Name="/shop/host", Type="String", Value="db.example")
ssm.put_parameter(Name="/shop/db/password", Type="SecureString", Value=SECRET, KeyId="alias/shop")
pages = ssm.get_paginator("get_parameters_by_path").paginate(
    Path="/shop", Recursive=True, WithDecryption=True, PaginationConfig={"PageSize": 1}
)
found = {p["Name"]: p["Value"] for page in pages for p in page["Parameters"]}
assert found == {"/shop/host": "db.example", "/shop/db/password": SECRET}, found
sealed = ssm.get_parameter(Name="/shop/db/password")["Parameter"]["Value"]
assert SECRET not in sealed
ssm.label_parameter_version(Name="/shop/host", Labels=["prod"])
ssm.put_parameter(Name="/shop/host", Value="other.example", Overwrite=True)
assert ssm.get_parameter(Name="/shop/host:prod")["Parameter"]["Version"] == 1
refused("ParameterAlreadyExists", ssm.put_parameter, Name="/shop/host", Type="String", Value="x")

kms.disable_key(KeyId=arn)
refused("InvalidKeyId", ssm.get_parameter, Name="/shop/db/password", WithDecryption=True)
kms.enable_key(KeyId=arn)
kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
refused("KMSInvalidStateException", kms.encrypt, KeyId=arn, Plaintext=SECRET)
print("all is well")
