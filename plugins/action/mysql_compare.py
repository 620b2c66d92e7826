# Copyright (c) 2026 The cloudpress.lightsail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's part of mysql_compare: it takes PyMySQL along, so that hosts need no package server."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import zipfile

from ansible import constants as C
from ansible.plugins.action import ActionBase


def zip_package(name):
    """A zip file with the sources of a package of this machine, or None if there is no such package. The caller removes it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = spec.submodule_search_locations[0]
    handle, path = tempfile.mkstemp(suffix=".zip", dir=C.DEFAULT_LOCAL_TMP)
    with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for directory, dummy, files in os.walk(package):
            for file in sorted(files):
                # what was compiled here may be of another Python than the host's
                if file.endswith(".py"):
                    source = os.path.join(directory, file)
                    archive.write(source, os.path.join(name, os.path.relpath(source, package)))
    return path


class ActionModule(ActionBase):
    """Runs the module of the same name."""

    TRANSFERS_FILES = True
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        package = None if arguments.get("pymysql") else zip_package("pymysql")
        if package:
            shell = self._connection._shell
            arguments["pymysql"] = shell.join_path(shell.tmpdir, "pymysql.zip")
            try:
                self._transfer_file(package, arguments["pymysql"])
            finally:
                os.remove(package)
            self._fixup_perms2((shell.tmpdir, arguments["pymysql"]))
        # without it the host may still have a PyMySQL of its own
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        return result
