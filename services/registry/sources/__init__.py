"""The file-drop sources: finding, reading and checking the files of docs/sources/files.md."""
