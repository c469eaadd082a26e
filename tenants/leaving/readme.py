"""The words that lie in an export, in English and in French."""

README = """\
YOUR DATA

This archive holds everything that your workspace owned when it was made.

vault/*.jsonl     one JSON object a line: API keys (what is known of them, never the secret: the house shows it to
                  nobody), assets with provenance and licence, videos, usage, notifications, settings, plugins
projects/         every revision of every project, each a timeline (JSON)
control/*.jsonl   the workspace, its members, subscriptions, plugin choices, quotas, jobs, stored files and audit
objects/          your files, as ordinary media files
schemas/          the JSON Schema of every kind of file
manifest.json     size and SHA-256 of every file; "problems" names what could not be given out, and why

Times are in UTC, sizes in bytes, money in minor units of its currency.


VOS DONNÉES

Cette archive contient tout ce que possédait votre espace de travail au moment où elle a été créée.

vault/*.jsonl     un objet JSON par ligne : clés d'API (ce qu'on en sait, jamais le secret : la maison ne le montre à
                  personne), médias avec provenance et licence, vidéos, usage, notifications, réglages, extensions
projects/         toutes les révisions de tous les projets, chacune une timeline (JSON)
control/*.jsonl   l'espace de travail, ses membres, abonnements, choix d'extensions, quotas, travaux, fichiers, audit
objects/          vos fichiers, en tant que fichiers multimédias ordinaires
schemas/          le schéma JSON de chaque sorte de fichier
manifest.json     la taille et l'empreinte SHA-256 de chaque fichier ; « problems » nomme ce qui n'a pu être remis

Les heures sont en UTC, les tailles en octets, les montants dans la plus petite unité de leur monnaie.
"""
