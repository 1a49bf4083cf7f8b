3 hosts; web daemon breaker=rollback failures=2 check
deploy
  start a1 on h1, a2 on h2, a3 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has started 3 tasks: (task a1) (task a2) (task a3).
  why: 3 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 0 another.
run
  nothing to do
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (0 healthy), 0 another.
healthy
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
deploy
  stop a1 a2 a3: Scaling activity initiated by (deployment a)
  deployment a: ACTIVE, 0 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, IN_PROGRESS
  event: (service web) has stopped 3 running tasks: (task a1) (task a2) (task a3).
  why: 3 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 3 another.
gone
  start b1 on h1, b2 on h2, b3 on h3
  event: (service web) has started 3 tasks: (task b1) (task b2) (task b3).
  why: 3 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 0 another.
# They never become healthy, and each is stopped and tried again on its host.
run
  nothing to do
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (0 healthy), 0 another.
unhealthy
  stop b1 b2 b3: Task failed container health checks
  event: (service web) (task b1) failed container health checks.
  event: (service web) (task b2) failed container health checks.
  event: (service web) (task b3) failed container health checks.
  event: (service web) has stopped 3 running tasks: (task b1) (task b2) (task b3).
  why: 3 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 3 another.
gone
  start a4 on h1, a5 on h2, a6 on h3
  deployment a: PRIMARY, 3 of its tasks wanted, IN_PROGRESS, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_IN_PROGRESS, 3 failed
  event: (service web) has started 3 tasks: (task a4) (task a5) (task a6).
  event: (service web) (deployment b) deployment failed: tasks failed to start.
  event: (service web) rolling back to deployment a.
  why: 3 tasks failed; 2 failures are too many. Deployment b has failed; the service goes back to a. 3 hosts to run on, at least 0 healthy: 0 have the current task (0 healthy), 0 another.
go on
  ...
  nothing to do
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (0 healthy), 0 another.
  ...
  deployment a: PRIMARY, 3 of its tasks wanted, COMPLETED, SUCCESSFUL
  deployment b: ACTIVE, 0 of its tasks wanted, FAILED, ROLLBACK_SUCCESSFUL, 3 failed
  deployment b is gone
  event: (service web) (deployment a) deployment completed.
  event: (service web) has reached a steady state.
  why: 3 hosts to run on, at least 0 healthy: 3 have the current task (3 healthy), 0 another. The service is steady.
  again at 06:00:00Z
