"""Starts moto's server, which answers as AWS does. What moto lacks is added as AWS documents it.

- DeletionPolicy RetainExceptOnCreate: a resource of a stack that was created once is retained (moto knows Retain alone).
- The tags of a volume that a template creates.
- A resource that an update removes and a later one adds is created again.
- AWS::NoValue as an element of a list: the element is left out.
- Canonical's public parameters with the ids of Ubuntu's images.
- Resources of types that moto does not know (key pairs, alarms, the snapshot policy) are not created;
  the list of a stack's resources leaves them out instead of failing.
"""

import sys

from moto.cloudformation import parsing
from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models.elastic_block_store import Volume
from moto.server import main
from moto.ssm.models import Parameter, ssm_backends

clean_json = parsing.clean_json


def clean_as_documented(resource_json, resources_map):
    cleaned = clean_json(resource_json, resources_map)
    return [one for one in cleaned if one is not None] if isinstance(cleaned, list) else cleaned


parsing.clean_json = clean_as_documented

create_volume = Volume.create_from_cloudformation_json.__func__


def create_volume_with_tags(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    volume = create_volume(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
    for tag in cloudformation_json["Properties"].get("Tags", []):
        volume.add_tag(tag["Key"], tag["Value"])
    return volume


Volume.create_from_cloudformation_json = classmethod(create_volume_with_tags)

delete = ResourceMap.delete


def delete_as_documented(self):
    for resource in self._resource_json_map.values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"
    delete(self)


ResourceMap.delete = delete_as_documented

update = ResourceMap.update


def update_and_forget(self, template, parameters=None):
    removed = [name for name in self._resource_json_map if name not in template["Resources"]]
    update(self, template, parameters)
    for name in removed:
        self._parsed_resources.pop(name, None)


ResourceMap.update = update_and_forget
Stack.stack_resources = property(lambda self: [resource for resource in self.resource_map.values() if resource is not None])

IMAGES = {"amd64": "ami-0123456789abcdef0", "arm64": "ami-0123456789abcdef1"}
for region in ("us-east-1", "eu-west-1"):
    backend = ssm_backends[DEFAULT_ACCOUNT_ID][region]
    for processor, image in IMAGES.items():
        name = f"/aws/service/canonical/ubuntu/server/24.04/stable/current/{processor}/hvm/ebs-gp3/ami-id"
        backend._parameters[name] = [
            Parameter(
                account_id=DEFAULT_ACCOUNT_ID,
                name=name,
                value=image,
                parameter_type="String",
                description="",
                allowed_pattern=None,
                keyid=None,
                last_modified_date=0,
                version=1,
                data_type="aws:ec2:image",
            )
        ]

main(sys.argv[1:])
