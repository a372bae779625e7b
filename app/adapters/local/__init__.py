"""Local renderer and voice: a lip-synced MP4 made on this computer, with no key.

Begin with `renderer.py`. `render_clip.py` turns one order into one file, in processes of `process_pool.py`;
`speech.py` is the voice; `presenter/` draws a face, `photo/` animates a photo, `faces/` finds faces,
`inspection/` measures clips.
"""
