"""Services of stock media: pictures, films and sounds that others made, each with its terms."""
