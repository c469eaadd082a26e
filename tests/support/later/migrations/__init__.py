"""The vault's migrations as a later version might have them: today's, and one more that changes a table with rows."""

from tenants.vault import migrations

__path__ = list(dict.fromkeys([*migrations.__path__, *__path__]))
