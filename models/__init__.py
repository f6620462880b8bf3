"""The learned codec: pictures to streams and back. Usable without the viewer; imports neither it nor Qt."""
