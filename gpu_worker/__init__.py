"""The process that makes pictures and clips, with neither database nor bucket credentials."""
