3 hosts; web desired=2 min=100 max=100 warm-up=40s
deploy
  start a1 on h1, a2 on h2
  deployment a: PRIMARY, 2 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 2 tasks: (task a1) (task a2).
  why: 2 desired, at least 2 healthy and at most 2 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  nothing to do
  why: 2 desired, at least 2 healthy and at most 2 in all: 2 stay (0 healthy), 0 leave, 0 are stopping.
wait 39s
  nothing to do
  why: 2 desired, at least 2 healthy and at most 2 in all: 2 stay (0 healthy), 0 leave, 0 are stopping.
wait 1s
  deployment a: PRIMARY, 2 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 2 desired, at least 2 healthy and at most 2 in all: 2 stay (2 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:40Z
