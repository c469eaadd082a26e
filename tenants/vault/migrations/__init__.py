"""The vault's migrations, in the order of their names. ``MIGRATIONS`` lists them."""

import pkgutil

MIGRATIONS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0].isdigit()))
