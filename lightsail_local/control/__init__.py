# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane: one file per resource family, handlers named as the API operation. Importing it registers all."""

from __future__ import annotations

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
