"""Cameras: a device by path, a video file, or a folder of pictures, through OpenCV."""
