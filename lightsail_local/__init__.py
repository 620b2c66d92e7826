# SPDX-License-Identifier: GPL-3.0-or-later
"""A local Amazon Lightsail: a control plane that speaks the AWS protocol and a data plane of real servers.

The package never imports the collection it ships with; the two meet only over the AWS protocol and SSH.
"""
