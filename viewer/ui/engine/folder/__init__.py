"""The pictures in the folder of the present one: their list, thumbnails, and neighbours read ahead."""
