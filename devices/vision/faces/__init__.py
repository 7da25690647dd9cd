"""Faces: find them, align them, turn them into vectors, and search who they are.

The pipeline is dlib's HOG detector on a small grey picture, dlib's five-point landmarks on the
full one, dlib's 150 px face chip, and the face-recognition ResNet run by ONNX Runtime: the same
vectors as dlib's own to 1e-6, about twenty times faster, and without holding the interpreter.
The 68-point landmark model is never used: its licence forbids commercial products.
"""
