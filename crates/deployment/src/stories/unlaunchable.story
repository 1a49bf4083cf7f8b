3 hosts; web desired=4 min=50 max=200 breaker=rollback failures=9
deploy
  start a1 on h1, a2 on h2, a3 on h3, a4 on h1
  deployment a: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 4 tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 0 leave, 0 are stopping.
run
  deployment a: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:00Z
# A new definition whose role nobody may have. There is room, so nothing is given up for it.
unlaunchable b
  nothing to do
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
deploy
  4 cannot be launched
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 4 failed
  event: (service web) failed to launch a task with (error its role is gone).
  why: 4 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. Tasks of b failed to start 1 times in a row; the next attempt is due at 00:00:05Z.
  again at 00:00:05Z
wait 5s
  4 cannot be launched
  why: 4 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 8 failed
  event: (service web) failed to launch a task with (error its role is gone).
  why: 8 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. Tasks of b failed to start 2 times in a row; the next attempt is due at 00:00:15Z.
  again at 00:00:15Z
launchable b
  nothing to do
  why: 8 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. Tasks of b failed to start 2 times in a row; the next attempt is due at 00:00:15Z.
wait 10s
  start b1 on h2, b2 on h3, b3 on h1, b4 on h2
  event: (service web) has started 4 tasks: (task b1) (task b2) (task b3) (task b4).
  why: 8 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
go on
  ...
  stop a1 a2 a3 a4: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 4 running tasks: (task a1) (task a2) (task a3) (task a4).
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 4 leave, 0 are stopping. Stops 4 healthy, those where there are most first.
  ...
  deployment b: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment a is gone
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:15Z
# The same again, until the circuit breaker has seen enough.
unlaunchable c
  nothing to do
  why: 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
deploy
  4 cannot be launched
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  why: 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 4 failed
  event: (service web) failed to launch a task with (error its role is gone).
  why: 4 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. Tasks of c failed to start 1 times in a row; the next attempt is due at 00:00:20Z.
  again at 00:00:20Z
wait 5s
  4 cannot be launched
  why: 4 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
  deployment c: PRIMARY, 4 of its tasks wanted, IN_PROGRESS, IN_PROGRESS, 8 failed
  event: (service web) failed to launch a task with (error its role is gone).
  why: 8 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping. Tasks of c failed to start 2 times in a row; the next attempt is due at 00:00:30Z.
  again at 00:00:30Z
wait 10s
  4 cannot be launched
  why: 8 tasks failed; 9 failures are too many. 4 desired, at least 2 healthy and at most 8 in all: 0 stay (0 healthy), 4 leave, 0 are stopping.
  deployment b: PRIMARY, 4 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment c: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 12 failed
  deployment c is gone
  event: (service web) failed to launch a task with (error its role is gone).
  event: (service web) (deployment c) deployment failed: tasks failed to start.
  event: (service web) rolling back to deployment b.
  event: (service web) (deployment b) deployment completed.
  event: (service web) has reached a steady state.
  why: 12 tasks failed; 9 failures are too many. Deployment c has failed; the service goes back to b. 4 desired, at least 2 healthy and at most 8 in all: 4 stay (4 healthy), 0 leave, 0 are stopping. The service is steady.
  again at 06:00:30Z
