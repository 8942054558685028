"""Untrusted pictures: Pillow and pi-heif behind checks of their structure."""
