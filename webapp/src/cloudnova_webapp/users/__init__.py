"""The register of users: rules, storage, pages and JSON API."""
