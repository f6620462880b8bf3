"""What codecs share to write and read their files: Pillow's and libwebp's encoders, temporary files, size checks."""
