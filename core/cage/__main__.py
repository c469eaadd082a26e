"""Run a zygote; its host starts it so (see ``core.cage.zygote``)."""

import sys

from core.cage.zygote import main

main(int(sys.argv[1]), int(sys.argv[2]))
