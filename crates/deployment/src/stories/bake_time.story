3 hosts; web desired=1 alarms bake=5m
deploy
  start a1 on h1
  deployment a: PRIMARY, 1 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 1 tasks: (task a1).
  why: 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. All there; watched until 00:05:00Z. The service is steady.
  again at 00:05:00Z
wait 2m
  nothing to do
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. All there; watched until 00:05:00Z. The service is steady.
# What is not all there begins again.
fail a1
  start a2 on h1
  event: (service web) has started 1 tasks: (task a2).
  why: 1 desired, at least 1 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  event: (service web) has reached a steady state.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. All there; watched until 00:07:00Z. The service is steady.
  again at 00:07:00Z
wait 3m
  nothing to do
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. All there; watched until 00:07:00Z. The service is steady.
wait 2m
  deployment a: PRIMARY, 1 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  why: 1 desired, at least 1 healthy and at most 2 in all: 1 stay (1 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:02:00Z
