"""Pictures of graphs: a scene as plain data first, then SVG, figures, animations, pages and files."""
