enqueue_all()
return 'ok'
