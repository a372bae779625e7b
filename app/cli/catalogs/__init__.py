"""Commands that make and carry catalogs: `init`, `new`, `import`, `export`.

A file is named like its command; `imports.py` and `exports.py` bear a plural because Python keeps the word
`import`. What they do is in `app/runtime/commands/`.
"""
