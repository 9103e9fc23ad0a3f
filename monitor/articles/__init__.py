"""An entry's HTML or a page -> clean text, metadata, identity. Pure: values in, values out."""
