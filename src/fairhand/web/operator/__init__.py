"""Pages of operators: what needs me?"""
