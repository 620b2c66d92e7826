# -*- coding: utf-8 -*-
# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach AWS: the same options, aliases and environment variables as amazon.aws, so that habits carry over."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  access_key:
    description:
      - AWS access key ID.
      - The environment variables E(AWS_ACCESS_KEY_ID) and E(AWS_ACCESS_KEY) are used when this is not set.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description:
      - AWS secret access key.
      - The environment variables E(AWS_SECRET_ACCESS_KEY) and E(AWS_SECRET_KEY) are used when this is not set.
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description:
      - Session token of temporary credentials.
      - The environment variable E(AWS_SESSION_TOKEN) is used when this is not set.
    type: str
    aliases: [aws_session_token]
  profile:
    description:
      - A named profile of the AWS configuration files.
      - The environment variables E(AWS_PROFILE) and E(AWS_DEFAULT_PROFILE) are used when this is not set.
      - Mutually exclusive with O(access_key). Where one of the two comes from the environment, the option wins; where both do,
        the keys win, as they do in the AWS SDK.
    type: str
    aliases: [aws_profile]
  endpoint_url:
    description:
      - URL to use instead of the regular AWS endpoint, for all services this module talks to.
      - The environment variable E(AWS_URL) is used when this is not set, and after it those of the AWS SDK, for example
        E(AWS_ENDPOINT_URL_LIGHTSAIL), which act on one service only.
    type: str
    aliases: [aws_endpoint_url]
  validate_certs:
    description: Whether to verify the TLS certificates of AWS.
    type: bool
    default: true
  aws_ca_bundle:
    description:
      - File with the certificate authorities to trust.
      - The environment variable E(AWS_CA_BUNDLE) is used when this is not set.
    type: path
  aws_config:
    description:
      - Settings for the botocore client, by the names of
        U(https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html).
      - They are applied over this collection's own, which are the retry mode V(standard) with six attempts.
    type: dict
  debug_botocore_endpoint_logs:
    description:
      - Return the API calls made by the task, each one once, as RV(ignore:resource_actions).
      - The environment variable E(ANSIBLE_DEBUG_BOTOCORE_LOGS) is used when this is not set.
    type: bool
    default: false
  region:
    description:
      - The AWS region.
      - The environment variables E(AWS_REGION) and E(AWS_DEFAULT_REGION) are used when this is not set, and after them the
        AWS configuration files.
    type: str
    aliases: [aws_region]
requirements:
  - python >= 3.9
  - boto3 >= 1.38.23
notes:
  - Environment variables and AWS configuration files are read on the host that runs the module, which is the controller for
    C(connection=local) and C(delegate_to=localhost).
"""

    # For plugins that run on the controller: the environment variables are part of the documentation there.
    PLUGINS = r"""
options:
  access_key:
    description: AWS access key ID.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
    env:
      - name: AWS_ACCESS_KEY_ID
      - name: AWS_ACCESS_KEY
  secret_key:
    description: AWS secret access key.
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
    env:
      - name: AWS_SECRET_ACCESS_KEY
      - name: AWS_SECRET_KEY
  session_token:
    description: Session token of temporary credentials.
    type: str
    aliases: [aws_session_token]
    env:
      - name: AWS_SESSION_TOKEN
  profile:
    description: A named profile of the AWS configuration files.
    type: str
    aliases: [aws_profile]
    env:
      - name: AWS_PROFILE
      - name: AWS_DEFAULT_PROFILE
  endpoint_url:
    description:
      - URL to use instead of the regular AWS endpoint.
      - The AWS SDK's own variables, for example E(AWS_ENDPOINT_URL_LIGHTSAIL), are honoured when this is not set.
    type: str
    aliases: [aws_endpoint_url]
    env:
      - name: AWS_URL
requirements:
  - python >= 3.9
  - boto3 >= 1.38.23
"""
